// What went wrong, in words. A kind's name may hold dots, which are no steps of a locale's path.
import { useI18n } from 'vue-i18n'

export function useKind() {
  const { tm, rt } = useI18n()
  const kinds = () => tm('admin.operations.kind') as Record<string, string>
  return (kind: string) => rt(kinds()[kind] ?? kinds().other!)
}
