/** Names of functions as pyinstrument prints them. */

/** "Class.function" where the class is known; then `plain` is the function alone. */
export const qualified = (name: string, className: string): { name: string; plain: string | undefined } =>
  className === '' ? { name, plain: undefined } : { name: `${className}.${name}`, plain: name }
