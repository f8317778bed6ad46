/** Titles of the columns of yappi's tables. Which are there, and in what order, the program decides. */
const TITLE = '(?:name|ncall|#n|tsub|ttot|tavg|id|tid|fname|scnt)'

/** A line of four titles or more. Nobody asks for less, and fewer would be words. */
export const HEADER = new RegExp(`^ *${TITLE}(?: +${TITLE}){3,} *\\r?$`, 'm')
