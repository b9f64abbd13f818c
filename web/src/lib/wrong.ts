import { t, te } from '@/i18n'

/** What is wrong with a field, by the reason in the server's answer; empty if nothing is. */
export function wrongText(reason: string | undefined): string {
  if (!reason) return ''
  for (const key of [`register.wrong.${reason}`, `reason.${reason}`]) if (te(key)) return t(key)
  return t('register.wrong.other')
}
