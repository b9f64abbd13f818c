import { createApp } from 'vue'
import App from '@/App.vue'
import { whenSignedOut } from '@/api/client'
import { i18n, startLanguage } from '@/i18n'
import { router } from '@/router'
import { disconnect } from '@/store/live'
import { session, take } from '@/store/session'
import '@/styles/tokens.css'
import '@/styles/base.css'

whenSignedOut(() => {
  if (!session.me) return
  take(null)
  disconnect()
  void router.push({ name: 'login', query: { next: router.currentRoute.value.fullPath, ended: '1' } })
})

await startLanguage()
createApp(App).use(i18n).use(router).mount('#app')
