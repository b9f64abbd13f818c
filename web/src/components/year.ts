// Days of a year for the calendar's grid. Dates are texts, "2026-11-23": no zone can shift them.

export interface SpecialDay {
  date: string
  kind: 'holiday' | 'workday'
  name: string
}
export interface DayCell {
  date: string
  number: number
  column: number
  weekend: boolean
}

export function isoDate(year: number, month: number, day: number): string {
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10)
}

export function isWeekend(date: string): boolean {
  return [0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay())
}

export function monthsOf(year: number): DayCell[][] {
  return Array.from({ length: 12 }, (_, month) => {
    const count = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
    return Array.from({ length: count }, (__, i) => {
      const at = new Date(Date.UTC(year, month, i + 1))
      const column = ((at.getUTCDay() + 6) % 7) + 1 // Monday first
      return { date: at.toISOString().slice(0, 10), number: i + 1, column, weekend: column > 5 }
    })
  })
}

// An ordinary weekday becomes a holiday, a weekend day a workday; what differs becomes ordinary again.
export function turnOver(days: SpecialDay[], date: string, name: string): SpecialDay[] {
  const rest = days.filter((day) => day.date !== date)
  if (rest.length < days.length) return rest
  const day: SpecialDay = { date, kind: isWeekend(date) ? 'workday' : 'holiday', name }
  return [...rest, day].sort((a, b) => a.date.localeCompare(b.date))
}

export function workingDays(year: number, days: SpecialDay[]): number {
  const special = new Map(days.map((day) => [day.date, day.kind]))
  return monthsOf(year)
    .flat()
    .filter((day) => {
      const kind = special.get(day.date)
      return kind ? kind === 'workday' : !day.weekend
    }).length
}
