/**
 * What Keydesk can do in other systems, as values. An action looks (`plan`), acts (`run`), and can
 * say afterwards whether it took effect (`reconcile`). Doors such as the side panel run actions by
 * id and never call these functions themselves: the journal does.
 */
import type * as z from 'zod'
import type { Context } from '#platform'

/** Whom or what an action is done to, as people know it. */
export interface Target {
  /** Null when the directory does not know the person. */
  personId: string | null
  oktaUserId: string
  name: string
}

/** What looking found. `ready`: it can be done; `already`: the world is as wanted; `refused`: it must not or cannot be. */
export interface Plan {
  verdict: 'ready' | 'already' | 'refused'
  /** One sentence for people: what will happen, or why not. */
  summary: string
  /** Each consequence in a sentence, worst first. */
  effects: string[]
  target: Target
}

/** What a remote system said when it did not do as asked. */
export interface Failure {
  message: string
  /** What a person can do about it. */
  remedy: string
  status: number | null
  code: string | null
  remoteRequestId: string | null
}

/**
 * Thrown by `run` and `undo` when the outcome is certain or known to be uncertain: `not_done` when
 * the remote system refused or was never reached, `unknown` when the call went out and no answer
 * came. Any other error counts as `unknown`.
 */
export class ActionFailure extends Error {
  override name = 'ActionFailure'
  readonly outcome: 'not_done' | 'unknown'
  readonly failure: Failure

  constructor(outcome: 'not_done' | 'unknown', failure: Failure, cause?: unknown) {
    super(failure.message, { cause })
    this.outcome = outcome
    this.failure = failure
  }
}

/** What was found when a run without an answer was looked into. */
export interface Finding {
  verdict: 'done' | 'not_done' | 'unclear'
  /** What was seen, in a sentence. */
  evidence: string
}

export interface Action<Input extends object = object, Receipt extends object = object> {
  /** System, noun, verb: `okta.group.add_member`. It is stored in journals and workflows, so it is never renamed. */
  id: string
  label: string
  /** One line: what it does to the person. */
  hint: string
  /** A property with `.meta({ picker })` is chosen from the directory. */
  input: z.ZodType<Input>
  /** OAuth scopes that the remote system asks for. */
  scopes: readonly string[]
  /** Whether a second execution does no harm. Only such actions may ever be sent again. */
  repeatable: boolean
  /** Whether the console asks for the person's name before it runs. */
  dangerous: boolean
  /** Who has to agree, unless the workspace says otherwise. */
  defaultGate: 'none' | 'manager'
  /** Reads the remote system afresh and says what would happen. Changes nothing. */
  plan(ctx: Context, input: Input): Promise<Plan>
  /**
   * Acts. `lastCheck` must be awaited immediately before the one call that has the effect: it throws
   * when this process may no longer send.
   * @returns a receipt without secrets, from which `undo` can take the effect back
   * @throws ActionFailure
   */
  run(ctx: Context, input: Input, lastCheck: () => Promise<void>): Promise<Receipt>
  /** Takes the effect back, from what `run` returned. */
  undo?(ctx: Context, receipt: Receipt, lastCheck: () => Promise<void>): Promise<void>
  /** Looks whether a run that was sent at `sentAt` took effect. Reads only. */
  reconcile(ctx: Context, input: Input, sentAt: Date): Promise<Finding>
}

/** The actions that a process offers, by id. */
export type Catalogue = ReadonlyMap<string, Action>

/** Lets an action be declared with its own input and receipt types, and kept among the others. */
export function defineAction<Input extends object, Receipt extends object>(
  action: Action<Input, Receipt>,
): Action {
  return action as unknown as Action
}
