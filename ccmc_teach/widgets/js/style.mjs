// One style sheet for every widget. It stands inside each widget's shadow root, so that neither
// the page's styles leak in nor these leak out; what one part alone needs stands with that part and
// comes in through `css` of mount. Classes k0..k4 carry the colours of the tokens:
// --c for marks, --o for text on a mark, --t for text on paper.

export const CSS = `
:host{display:block;max-width:780px;margin:.75rem 0;text-align:left}
*{box-sizing:border-box;margin:0}
.widget{--ink:#1c2733;--soft:#5a6775;--line:#d9dfe6;--grid:#ecf0f4;--paper:#fff;--panel:#f6f8fa;--focus:#0b57d0;
--c0:#2156c4;--c1:#c9471b;--c2:#2a9d8a;--c3:#5f2b63;--c4:#bd8a12;
--t0:var(--c0);--t1:#c0431a;--t2:#17776a;--t3:var(--c3);--t4:#876000;
--o0:#fff;--o1:#fff;--o2:#0d1b19;--o3:#fff;--o4:#1b1400;
container-type:inline-size;font:400 14px/1.45 var(--ccmc-font,system-ui),-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
font-variant-numeric:tabular-nums;touch-action:manipulation;color:var(--ink);background:var(--paper);border:1px solid var(--line);border-radius:14px;padding:20px 22px 14px}
.widget[data-theme=dark]{--ink:#e6eaef;--soft:#9fabb8;--line:#313a44;--grid:#232b33;--paper:#14181d;--panel:#1b2128;--focus:#8ab4f8;
--c0:#82b4f7;--c1:#f7a166;--c2:#4be8cd;--c3:#bf5bb8;--c4:#95851c;--t0:var(--c0);--t1:var(--c1);--t2:var(--c2);--t3:#cf7fc9;--t4:#b3a12c;
--o0:#0b1626;--o1:#261304;--o2:#03211c;--o3:#1c051b;--o4:#191500}
.k0{--c:var(--c0);--o:var(--o0);--t:var(--t0)}.k1{--c:var(--c1);--o:var(--o1);--t:var(--t1)}.k2{--c:var(--c2);--o:var(--o2);--t:var(--t2)}
.k3{--c:var(--c3);--o:var(--o3);--t:var(--t3)}.k4{--c:var(--c4);--o:var(--o4);--t:var(--t4)}

.title{font-size:17px;font-weight:650;letter-spacing:-.01em;line-height:1.3}
.lead{color:var(--soft);max-width:64ch;margin:3px 0 14px}
.row{display:flex;flex-wrap:wrap;gap:8px 14px;align-items:center}
.apart{justify-content:space-between;gap:8px 24px}
.head{font-weight:600}
.soft{color:var(--soft)}
.note{color:var(--soft)} .said{min-height:1.45em;margin-top:8px} .tries{gap:8px;margin-top:14px} .note b,.told b{color:var(--ink);font-weight:650}
.problem{color:var(--t1);font-weight:600;margin:10px 0}
.problem:empty,[hidden]{display:none!important}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.word,.term{color:var(--t)} .word{font-weight:650}

svg{display:block;width:100%;overflow:visible;font:inherit;font-size:12px;margin-top:18px}
.strip{margin-top:16px} .strip .head{font-size:12.5px} .strip svg{margin-top:2px}
svg text{fill:var(--ink)} svg .soft{fill:var(--soft)} svg .head{font-size:12.5px}
svg .small{font-size:11px} svg .value{font-weight:650}
svg .mid{text-anchor:middle} svg .end{text-anchor:end}
svg .halo{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}
.grid{stroke:var(--grid)} .axis{stroke:var(--line)}
.curve{fill:none;stroke:var(--c);stroke-width:2.25;stroke-linejoin:round;stroke-linecap:round}
.theory{fill:none;stroke:var(--ink);stroke-width:1.4;stroke-dasharray:5 4;opacity:.75}
.mark{fill:var(--c)} .on{fill:var(--o)!important} .colour{fill:var(--t)!important}
.track{fill:var(--panel)} .plate{fill:var(--c);stroke:var(--c)} .plate.last{fill:var(--paper);stroke-width:2.5}
.ghost{fill:none;stroke:var(--ink);stroke-width:1.2;stroke-dasharray:3 3;opacity:.75}

button,.choice span{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--line);border-radius:999px;
padding:4px 13px;min-height:32px;cursor:pointer;display:inline-flex;align-items:center;gap:6px;text-align:left}
button:hover,.choice:hover span{border-color:var(--soft)}
button.main{background:var(--ink);color:var(--paper);border-color:var(--ink);font-weight:600}
button[aria-disabled=true]{cursor:default;color:var(--soft);border-color:var(--grid)}
fieldset{border:0;padding:0;min-width:0;display:flex;flex-wrap:wrap;gap:6px 8px;align-items:center}
legend{float:left;padding:0 4px 0 0;font-weight:600}
.choice{position:relative;display:inline-flex}
.choice input{position:absolute;inset:0;opacity:0;margin:0;cursor:pointer}
.choice input:checked+span{background:var(--ink);border-color:var(--ink);color:var(--paper)}
.choice.token input:checked+span{background:var(--c);border-color:var(--c);color:var(--o)}
.choice input:focus-visible+span,button:focus-visible,summary:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
.slider{display:grid;grid-template-columns:1fr auto;gap:0 10px;align-items:baseline}
.slider .number{font-weight:650}
input[type=range]{-webkit-appearance:none;appearance:none;grid-column:1/3;width:100%;height:28px;margin:0;background:none;cursor:pointer;touch-action:pan-y}
input[type=range]::-webkit-slider-runnable-track{height:4px;border-radius:2px;background:linear-gradient(to right,var(--c,var(--soft)) var(--fill,50%),var(--line) var(--fill,50%))}
input[type=range]::-moz-range-track{height:4px;border-radius:2px;background:linear-gradient(to right,var(--c,var(--soft)) var(--fill,50%),var(--line) var(--fill,50%))}
input[type=range]::-webkit-slider-thumb{-webkit-appearance:none;width:20px;height:20px;margin-top:-8px;border-radius:50%;background:var(--paper);border:2.5px solid var(--c,var(--soft))}
input[type=range]::-moz-range-thumb{width:15px;height:15px;border-radius:50%;background:var(--paper);border:2.5px solid var(--c,var(--soft))}
input[type=range]:focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:8px}
.handle{outline:none;cursor:ns-resize}
.handle .reach,.handle .grip{fill:transparent}
.handle .knob{fill:var(--paper);stroke:var(--c,var(--ink));stroke-width:2.5}
.handle:hover .knob{stroke-width:3.5}
.handle .ring{fill:none;stroke:none} .handle:focus-visible .ring{stroke:var(--focus);stroke-width:3}
button.switch{display:flex;padding:0;border:0;background:none;min-height:28px;gap:12px;border-radius:8px}
.switch .rail{flex:none;width:40px;height:22px;border-radius:11px;border:2px solid var(--soft);background:var(--paper);display:flex;align-items:center;padding:2px}
.switch .rail::before{content:"";width:14px;height:14px;border-radius:50%;background:var(--soft)}
.switch[aria-checked=true] .rail{background:var(--ink);border-color:var(--ink)}
.switch[aria-checked=true] .rail::before{background:var(--paper);transform:translateX(18px)}

details{margin-top:12px;border-top:1px solid var(--grid);padding-top:8px;color:var(--soft)}
summary{cursor:pointer;width:max-content;border-radius:4px;min-height:24px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;margin:8px 0 4px;color:var(--ink);font-size:13px} th{font-weight:600}
th,td{text-align:right;padding:3px 14px 3px 0;border-bottom:1px solid var(--grid)} th:first-child{text-align:left}
caption{text-align:left;color:var(--soft);padding-bottom:4px}

.panel{background:var(--panel);border-radius:10px;padding:14px 16px;margin-top:14px}

@container (max-width:480px){.panel{padding:12px}.said{min-height:2.9em}}
@media (max-width:480px){.widget{padding:14px 12px 10px;border-radius:10px}}
@media (pointer:coarse){button,.choice span,button.switch{min-height:44px}summary{min-height:44px;padding-top:10px}input[type=range]{height:44px}}
@media (prefers-reduced-motion:no-preference){.moves{transition:transform .45s cubic-bezier(.3,.8,.3,1)}
.eased:not(:has([data-held])) .bar{transition:y .5s cubic-bezier(.3,.8,.3,1),height .5s cubic-bezier(.3,.8,.3,1)}.eased:not(:has([data-held])) .rides{transition:transform .5s cubic-bezier(.3,.8,.3,1)}
.switch .rail::before{transition:transform .15s}}
@media (forced-colors:active){.widget,.widget[data-theme=dark]{--ink:CanvasText;--soft:CanvasText;--line:GrayText;--grid:GrayText;--paper:Canvas;--panel:Canvas;--focus:Highlight;
--c0:CanvasText;--c1:CanvasText;--c2:CanvasText;--c3:CanvasText;--c4:CanvasText;--o0:Canvas;--o1:Canvas;--o2:Canvas;--o3:Canvas;--o4:Canvas;
--t0:CanvasText;--t1:CanvasText;--t2:CanvasText;--t3:CanvasText;--t4:CanvasText}
svg,.switch .rail,.choice span,.bet button{forced-color-adjust:none}.panel{border:1px solid CanvasText}.track{fill:none;stroke:GrayText}.ghost{stroke:Highlight;opacity:1}}
`;
