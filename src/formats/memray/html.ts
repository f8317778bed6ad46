/** Text that memray escaped for HTML, as it was. */

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#x27': "'", '#39': "'", '#34': '"' }

export const textOf = (html: string): string => html.replace(/&(amp|lt|gt|quot|#x27|#39|#34);/g, (_, name: string) => ENTITIES[name])
