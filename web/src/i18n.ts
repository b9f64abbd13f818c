// Two languages; each is one chunk made of a file per area: locales/<language>/<area>.json is `<area>.…`.
import { createI18n } from 'vue-i18n'
import { Problem } from '@/api/client'

export type Language = 'zh-CN' | 'en'
type Messages = Record<string, Record<string, unknown>>

const loaders: Record<Language, () => Promise<{ default: Messages }>> = {
  'zh-CN': () => import('@/locales/zh-CN'),
  en: () => import('@/locales/en'),
}

const KEPT = 'kuailian.language'

function preferred(): Language {
  const kept = localStorage.getItem(KEPT)
  if (kept === 'zh-CN' || kept === 'en') return kept
  return navigator.language.toLowerCase().startsWith('en') ? 'en' : 'zh-CN'
}

export const i18n = createI18n({ legacy: false, locale: 'zh-CN' as string, fallbackLocale: false, messages: {} })

export async function setLanguage(language: Language) {
  const global = i18n.global
  if (!global.availableLocales.includes(language))
    global.setLocaleMessage(language, (await loaders[language]()).default as never)
  global.locale.value = language
  document.documentElement.lang = language
  localStorage.setItem(KEPT, language)
}

export const startLanguage = () => setLanguage(preferred())
export const language = () => i18n.global.locale.value as Language
export const t = (key: string, values: Record<string, unknown> = {}) => i18n.global.t(key, values)
export const te = (key: string) => i18n.global.te(key)

/** The name in the page's language of anything that carries `name` and `name_en`. */
export function nameOf(thing: { name: string; name_en?: string | null } | null | undefined): string {
  if (!thing) return ''
  return (language() === 'en' && thing.name_en) || thing.name
}

/** What went wrong and what to do next, for people. */
export function explain(failure: unknown): string {
  if (!(failure instanceof Problem)) return t('problem.unknown')
  const field = failure.errors[0]
  for (const key of [failure.reason, field?.reason])
    if (key && te(`reason.${key}`)) return t(`reason.${key}`)
  if (te(`problem.${failure.slug}`)) return t(`problem.${failure.slug}`)
  return t(failure.status >= 500 ? 'problem.internal' : 'problem.unknown')
}
