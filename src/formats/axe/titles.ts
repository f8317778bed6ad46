/** `Index  % CPU Time:Total  CPU Time:Self  CPU Time:Children  Name  Index`, of any metric. */
export const TITLE = /^\s*Index\s+%\s(\S.*?):Total\s+\1:Self\s+\1:Children\s+(?:Name|Function)\s+Index\s*$/
/** Above the list of functions that ends the report. */
export const FOOTER = /^\s*Index(?: by function name|\s+Function)\s*$/
