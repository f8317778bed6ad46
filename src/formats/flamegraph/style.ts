/** The look of the picture, in light and in dark; the classes of boxes come from colors.ts. */
export const STYLE = `text{font:12px Verdana,"DejaVu Sans",Arial,sans-serif;fill:#222}
.paper{fill:#fffdf5}
.title{font-size:17px;text-anchor:middle}
.subtitle{text-anchor:middle;fill:#666}
.note{fill:#777}
.right{text-anchor:end}
.button{fill:#555;cursor:pointer;text-decoration:underline;visibility:hidden}
.live .button{visibility:visible}
.frames g{cursor:pointer}
.frames rect{stroke:#fffdf5;stroke-width:.4}
.frames text{fill:#000;pointer-events:none}
.frames g:hover rect,.frames g:focus-visible rect{stroke:#000;stroke-width:1}
.frames g:focus{outline:none}
.frames g:focus-visible rect{stroke-width:2}
.frames .above{opacity:.5}
.frames .found rect{fill:#e6e}
.gone{display:none}
.box{width:100%;height:100%;box-sizing:border-box;font:13px sans-serif}
@media (prefers-color-scheme:dark){
text{fill:#ddd}
.paper{fill:#1d1f21}
.subtitle,.note{fill:#999}
.button{fill:#bbb}
.frames rect{opacity:.86;stroke:#1d1f21}
.frames g:hover rect,.frames g:focus-visible rect{stroke:#fff}
}`
