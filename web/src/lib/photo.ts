// Photos from a phone are far larger than anyone needs: make them small before they travel.
export const SIDE_MAX = 1920

/** The size that fits `side` on the longer edge; never larger than it was. */
export function fit(width: number, height: number, side = SIDE_MAX): { width: number; height: number } {
  const scale = Math.min(1, side / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

const SHRINKS = /^image\/(jpeg|png|webp|heic|heif)$/

/** A JPEG of at most SIDE_MAX without the camera's hidden data; files that cannot be drawn stay. */
export async function shrink(file: File): Promise<{ blob: Blob; name: string }> {
  const asIs = { blob: file, name: file.name }
  if (!SHRINKS.test(file.type)) return asIs
  let bitmap: ImageBitmap
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' })
  } catch {
    return asIs
  }
  const size = fit(bitmap.width, bitmap.height)
  const canvas = document.createElement('canvas')
  Object.assign(canvas, size)
  const context = canvas.getContext('2d')
  if (!context) return asIs
  context.fillStyle = '#fff'
  context.fillRect(0, 0, size.width, size.height)
  context.drawImage(bitmap, 0, 0, size.width, size.height)
  bitmap.close()
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.85))
  return blob ? { blob, name: file.name.replace(/\.\w+$/, '') + '.jpg' } : asIs
}
