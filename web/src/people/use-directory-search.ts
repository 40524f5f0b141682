import { useDebouncedCallback } from '@mantine/hooks'
import * as z from 'zod'
import { usePageSearch } from '../ui/index.ts'

const schema = z.object({
  search: z.string().max(200),
  status: z.string().max(40),
  department: z.string().max(200),
  type: z.string().max(40),
})

/** The filters of a directory list, as its URL holds them; typing goes there once it rests. */
export function useDirectorySearch() {
  const [filters, setFilters] = usePageSearch(schema)
  const setTyped = useDebouncedCallback((search: string) => setFilters({ search }, { replace: true }), 250)
  return { filters, setFilters, setTyped }
}
