/** What Keydesk says to people outside its own pages: mail, for a start. */
export { deliverMail, sendMail, sendSignInLink } from './mail.ts'
