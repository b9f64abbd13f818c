// The pages one may open, in the order of the menu.
import { computed } from 'vue'
import { DataBoard, Document, EditPen, HomeFilled, List, MapLocation, Operation, OfficeBuilding, Setting } from '@element-plus/icons-vue'
import type { Role } from '@/api/types'
import { t } from '@/i18n'
import { has, isStaff, STAFF } from '@/store/session'

interface Entry {
  to: string
  name: string
  icon: object
  roles?: Role[]
}

const all: Entry[] = [
  { to: '/', name: 'home', icon: HomeFilled },
  { to: '/apply', name: 'apply', icon: EditPen, roles: ['contact'] },
  { to: '/cases', name: 'cases', icon: Document, roles: ['contact', ...STAFF] },
  { to: '/map', name: 'map', icon: MapLocation, roles: [...STAFF, 'system_admin'] },
  { to: '/board', name: 'board', icon: DataBoard, roles: ['leader', 'department_head', 'grid_leader'] },
  { to: '/register', name: 'register', icon: OfficeBuilding, roles: [...STAFF, 'system_admin'] },
  { to: '/rules', name: 'rules', icon: Operation, roles: ['officer', 'department_head', 'leader', 'system_admin'] },
  { to: '/admin', name: 'admin', icon: Setting, roles: ['system_admin', 'security_admin', 'audit_admin', 'auditor'] },
]

function shown(entry: Entry) {
  const todo = entry.name === 'home' && isStaff.value
  const mine = entry.name === 'cases' && !isStaff.value
  return { ...entry, icon: todo ? List : entry.icon, text: t(`shell.${todo ? 'todo' : mine ? 'mine' : entry.name}`) }
}

export const pages = computed(() => all.filter((entry) => !entry.roles || has(...entry.roles)).map(shown))
