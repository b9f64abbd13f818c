// How the board's figures are written and drawn.
import type { Board } from '@/api/admin'

export function percentText(value: number | null | undefined, language: string): string {
  if (value === null || value === undefined) return '—'
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }).format(value)
}

export function trendOption(days: Board['trend'], names: [string, string], dark: boolean) {
  const ink = dark ? '#c2d2da' : '#465565'
  const line = dark ? '#24404f' : '#e3e8ec'
  const [filed, resolved] = dark ? ['#3fa3bf', '#f2c464'] : ['#2b7f98', '#b5730a']
  return {
    animationDuration: 300,
    aria: { enabled: false },
    textStyle: { fontFamily: 'inherit', color: ink },
    grid: { left: 8, right: 12, top: 34, bottom: 4, containLabel: true },
    legend: { top: 0, left: 0, itemWidth: 16, itemHeight: 10, textStyle: { color: ink, fontSize: dark ? 14 : 12 } },
    tooltip: { trigger: 'axis', confine: true },
    xAxis: {
      type: 'category',
      data: days.map((day) => day.date.slice(5)),
      axisLabel: { color: ink, hideOverlap: true },
      axisLine: { lineStyle: { color: line } },
      axisTick: { show: false },
    },
    yAxis: { type: 'value', minInterval: 1, axisLabel: { color: ink }, splitLine: { lineStyle: { color: line } } },
    series: [
      {
        name: names[0],
        type: 'bar',
        barMaxWidth: 22,
        data: days.map((day) => day.filed),
        itemStyle: { color: filed, borderRadius: [2, 2, 0, 0] },
      },
      {
        name: names[1],
        type: 'line',
        symbol: 'diamond',
        symbolSize: 7,
        data: days.map((day) => day.resolved),
        lineStyle: { width: 2 },
        itemStyle: { color: resolved },
      },
    ],
  }
}
