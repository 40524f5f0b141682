/** Where a page puts its breadcrumb and acts: elements of the top bar, which the frame owns. */
import { createContext } from 'react'

export interface FrameSlots {
  crumbs: HTMLElement | null
  acts: HTMLElement | null
}

export const FrameSlotsContext = createContext<FrameSlots>({ crumbs: null, acts: null })
