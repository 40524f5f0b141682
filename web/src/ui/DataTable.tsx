import { useRouter } from '@tanstack/react-router'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { type MouseEvent, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { AppLink } from './AppLink.tsx'
import { usePhone, useRowHeight } from './density.ts'
import { Skeletons } from './Skeletons.tsx'
import { isTyping } from './shortcuts.ts'

export interface Column<T> {
  key: string
  title: string
  /** The first column's cell becomes the row's link when there is `rowTo`, so it must hold no link itself. */
  cell: (row: T) => ReactNode
  width?: number | string
  align?: 'right'
  hideBelow?: 'sm' | 'md'
}

export interface DataTableProps<T> {
  label: string
  rows: readonly T[]
  columns: readonly Column<T>[]
  rowKey: (row: T) => string
  rowTo?: (row: T) => string
  empty: ReactNode
  /** How many rows there are on the server; `rows` may be the first of them. */
  total?: number | undefined
  /** Called when the last of `rows` comes near: fetch the next page. */
  onEnd?: () => void
  loading?: boolean
}

/** A table that draws only the rows in sight. `j` and `k` walk it, Enter opens. */
export function DataTable<T>(props: DataTableProps<T>) {
  const { label, rows, columns, rowKey, rowTo, empty, total, onEnd, loading = false } = props
  const router = useRouter()
  const rowHeight = useRowHeight()
  // With columns hidden, the first one takes what is left.
  const phone = usePhone()
  const body = useRef<HTMLTableSectionElement>(null)
  const [offset, setOffset] = useState(0)

  // What stands above the table may come and go, so the distance is taken after every draw.
  useLayoutEffect(() => {
    const top = body.current?.getBoundingClientRect().top
    if (top !== undefined) setOffset(Math.round(top + window.scrollY))
  })

  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowHeight,
    scrollMargin: offset,
    overscan: 12,
    scrollPaddingStart: 140,
    scrollPaddingEnd: 96,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: the sizes are stale once the row height changes
  useEffect(() => virtualizer.measure(), [virtualizer, rowHeight])

  const shown = virtualizer.getVirtualItems()
  const first = shown[0]
  const last = shown.at(-1)
  const above = first ? first.start - offset : 0
  const below = last ? virtualizer.getTotalSize() - (last.end - offset) : 0

  const nearEnd = rows.length > 0 && last !== undefined && last.index >= rows.length - 10
  useEffect(() => {
    if (nearEnd && !loading) onEnd?.()
  }, [nearEnd, loading, onEnd])

  useRowKeys(body, rows.length, (index) => virtualizer.scrollToIndex(index, { align: 'auto' }))

  if (rows.length === 0) return loading ? <Skeletons label={`Loading ${label}`} rows={8} /> : empty

  function open(event: MouseEvent<HTMLTableRowElement>, to: string) {
    const own = event.target instanceof Element && event.target.closest('a, button, input, label')
    if (own || window.getSelection()?.toString()) return
    if (event.metaKey || event.ctrlKey) window.open(to, '_blank')
    else router.history.push(to)
  }

  return (
    <table className="kd-table" aria-label={label} aria-rowcount={(total ?? rows.length) + 1}>
      <thead>
        <tr aria-rowindex={1}>
          {columns.map((column) => (
            <th
              key={column.key}
              scope="col"
              className={cellClass(column)}
              style={{ width: column === columns[0] && phone ? undefined : column.width }}
            >
              {column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody ref={body}>
        {above > 0 && <Spacer height={above} />}
        {shown.map(({ index }) => {
          const row = rows[index]
          if (row === undefined) return null
          const to = rowTo?.(row)
          return (
            <tr
              key={rowKey(row)}
              aria-rowindex={index + 2}
              data-index={index}
              data-link={to ? true : undefined}
              style={{ height: rowHeight }}
              onClick={to ? (event) => open(event, to) : undefined}
            >
              {columns.map((column, at) => (
                <td key={column.key} className={cellClass(column)}>
                  {to && at === 0 ? (
                    <AppLink to={to} className="kd-row-link">
                      {column.cell(row)}
                    </AppLink>
                  ) : (
                    column.cell(row)
                  )}
                </td>
              ))}
            </tr>
          )
        })}
        {below > 0 && <Spacer height={below} />}
      </tbody>
    </table>
  )
}

function Spacer({ height }: { height: number }) {
  return (
    <tr aria-hidden style={{ height }}>
      <td className="kd-spacer" />
    </tr>
  )
}

function cellClass<T>({ align, hideBelow }: Column<T>) {
  return [align && 'kd-right', hideBelow && `kd-hide-${hideBelow}`].filter(Boolean).join(' ') || undefined
}

/** `j` and `k` move the focus from row link to row link of the table that has it, else of the page's first. */
function useRowKeys(body: { current: HTMLElement | null }, count: number, scrollTo: (index: number) => void) {
  const latest = useRef({ count, scrollTo })
  latest.current = { count, scrollTo }

  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if ((event.key !== 'j' && event.key !== 'k') || event.ctrlKey || event.metaKey || event.altKey) return
      const here = body.current
      if (!here || isTyping(event.target) || !isTheTable(here)) return

      const focused = document.activeElement?.closest('tr[data-index]')
      const from = focused && here.contains(focused) ? Number(focused.getAttribute('data-index')) : -1
      const next = Math.min(Math.max(from + (event.key === 'j' ? 1 : -1), 0), latest.current.count - 1)
      event.preventDefault()
      latest.current.scrollTo(next)
      requestAnimationFrame(() =>
        here.querySelector<HTMLElement>(`tr[data-index="${next}"] a`)?.focus({ preventScroll: true }),
      )
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [body])
}

function isTheTable(body: HTMLElement) {
  if (body.contains(document.activeElement)) return true
  const focusedTable = document.activeElement?.closest('.kd-table')
  return !focusedTable && document.querySelector('.kd-table tbody') === body
}
