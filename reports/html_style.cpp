// The style sheet of the HTML page. Light and dark screens and paper; a colour never stands without a word or a sign.
#include "reports/html_sections.hpp"

namespace peakproof::reports::html {

const std::string_view kStyle = R"(
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #5a636e; --line: #d4d9df; --page: #fff; --soft: #f5f7f9;
  --bar: #cfe3f7; --good: #116329; --bad: #b3261e; --unsure: #8a5a00; --plain: #4b5663; --c0: #1f6fb4; --c1: #b4531f;
  --c2: #3a7d34; --c3: #8a3fa0; --full: #6d9fd1; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaef; --dim: #9aa5b1; --line: #39424d; --page: #14181d;
  --soft: #1c2229; --bar: #1f4468; --good: #6fd08c; --bad: #ff8f85; --unsure: #f0b84d; --plain: #aab4c0; --c0: #6fb4f0;
  --c1: #f0a06f; --c2: #7fd08c; --c3: #d09be6; --full: #3d77b3; } }
* { box-sizing: border-box; }
html { font-size: 15px; } body { font: 1rem/1.45 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 1100px;
  margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.45rem; margin: 0 0 .6rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; overflow-wrap: anywhere; }
p { margin: .4rem 0; } .dim { color: var(--dim); } .scroll { overflow-x: auto; } .scroll + .scroll { margin-top: .8rem; }
.stand-in { border: 3px solid var(--bad); padding: .6rem .8rem; font-weight: 700; }
.verdict { font-size: 1.1rem; font-weight: 700; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--dim); padding-bottom: .3rem; }
th, td { padding: .3rem .6rem; text-align: right; vertical-align: top; }
thead th { border-bottom: 2px solid var(--line); font-weight: 600; }
.results { width: 100%; } .results tbody { border-bottom: 1px solid var(--line); }
.results th:first-child, .results .why td { text-align: left; }
.results th:first-child { overflow-wrap: anywhere; min-width: 13rem; }
.results thead th { white-space: nowrap; } .doubted td:not(.told) { color: var(--dim);
  text-decoration: line-through; }
.results .figures td { white-space: nowrap; } .results .why td { padding-top: 0; }
.share { background-repeat: no-repeat; background-image: linear-gradient(var(--bar), var(--bar)); }
.good { color: var(--good); } .bad { color: var(--bad); } .unsure { color: var(--unsure); } .plain { color: var(--plain); }
.word { font-weight: 700; white-space: nowrap; }
dl { display: grid; grid-template-columns: minmax(7.5rem, max-content) 1fr; gap: .1rem .8rem; margin: .1rem 0 .4rem; font-size: .85rem; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; min-width: 0; }
.map td { min-width: 4.2rem; text-align: center; border: 1px solid var(--page); }
.map tbody th { font-weight: 400; } .map thead th { text-align: center; border: 0; }
.map .mark { background: repeating-linear-gradient(45deg, var(--soft) 0 6px, var(--line) 6px 12px); color: var(--ink); }
.map .marked { outline: 3px solid currentColor; outline-offset: -3px; font-weight: 700; }
.key { margin: .5rem 0; } .key td { padding: .1rem .5rem; font-size: .8rem; min-width: 0; text-align: center; }
details { margin: .5rem 0; } summary { cursor: pointer; color: var(--dim); }
@media (max-width: 700px) { body { padding: .8rem; } dl { grid-template-columns: 1fr; } dd { margin-bottom: .3rem; } }
@media print { @page { size: A4; margin: 12mm; } html { font-size: 10px; color-scheme: light; } body { max-width: none; padding: 0; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } h2, h3 { break-after: avoid; }
  tbody, tr, .map { break-inside: avoid; } .scroll { overflow: visible; } }
)";

// Of an acceptance and of the drawings. On paper an acceptance is its certificate, one sheet, unless the box at its foot
// is ticked.
const std::string_view kFigureStyle = R"(
.banner { border: 2px solid currentColor; border-left-width: 10px; border-radius: 4px; padding: .6rem .9rem; margin: .6rem 0 1rem; }
.banner .said { font-size: 1.5rem; font-weight: 700; letter-spacing: .01em; } .banner p { color: var(--ink); margin: .2rem 0 0; }
.banner .exit { font-size: .9rem; font-weight: 400; color: var(--dim); margin-left: .6rem; }
.identity { column-gap: 1.2rem; grid-template-columns: max-content minmax(0, 1fr) max-content minmax(0, 1fr);
  border: 1px solid var(--line); border-radius: 4px; padding: .6rem .9rem; }
.identity .wide { grid-column: 2 / -1; } code { font: .92em ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.checks { width: 100%; } .checks td, .checks th { text-align: left; font-weight: 400; border-bottom: 1px solid var(--line); }
.checks thead th { font-weight: 600; border-bottom-width: 2px; } .checks .figure { text-align: right; white-space: nowrap; }
.checks td { overflow-wrap: break-word; } .checks td:first-child, .checks th:first-child { min-width: 5rem; } .checks .id { color: var(--dim); font-size: .85rem; overflow-wrap: anywhere; }
.checks th:first-child .id { white-space: nowrap; }
.bars { width: 100%; } .bars th:first-child { text-align: left; font-weight: 400; overflow-wrap: anywhere; width: 30%; }
.bars td, .bars th { padding: .16rem .5rem; vertical-align: middle; } .bars thead th:nth-child(2) { text-align: left; } .bars .figure { white-space: nowrap; width: 4.4rem; }
.bars .track { position: relative; min-width: 16rem; padding: 0; height: 1.5rem;
  background: repeating-linear-gradient(90deg, var(--line) 0 1px, transparent 1px 25%) content-box; border-right: 1px solid var(--line); }
.track i { position: absolute; top: 50%; } .track .b { left: 0; height: .7rem; margin-top: -.35rem; background: var(--full); }
.track .off { background: repeating-linear-gradient(45deg, var(--dim) 0 2px, transparent 2px 6px); }
.track .e { width: .62rem; height: .62rem; margin: -.31rem 0 0 -.31rem; background: var(--ink); border: 1px solid var(--page); transform: rotate(45deg); }
.track .f { height: 1.3rem; margin-top: -.65rem; border-left: 2px solid var(--bad); }
.track .n { width: .62rem; height: .62rem; margin: -.31rem 0 0 -.31rem; border: 2px solid var(--c3); border-radius: 50%; background: var(--page); }
.track .p { width: .56rem; height: .56rem; margin: -.28rem 0 0 -.28rem; border: 2px solid var(--c2); background: var(--page); }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; font-size: .85rem; color: var(--dim); margin: .3rem 0; }
.legend .track { position: relative; display: inline-block; width: 1.4rem; height: 1.1rem; vertical-align: middle; margin-right: .3rem; }
.matrix th, .matrix td { padding: .18rem .35rem; white-space: nowrap; } .matrix th:first-child { text-align: left; font-weight: 400; white-space: normal; overflow-wrap: anywhere; min-width: 11rem; }
.matrix td small { display: inline-block; min-width: 2.3rem; color: var(--dim); } .matrix .flag { outline: 2px solid currentColor; outline-offset: -2px; font-weight: 700; }
.matrix, .members { font-size: .87rem; } .members td, .members th { white-space: nowrap; } .wide-page { max-width: 1400px; }
.matrix tbody tr { border-bottom: 1px solid var(--line); }
.draw { width: 100%; height: auto; font: 12px system-ui, sans-serif; font-variant-numeric: tabular-nums; } .draw text { fill: var(--ink); }
.draw .aside { fill: var(--dim); } .draw .grid { stroke: var(--line); } .draw .limit { stroke: var(--dim); stroke-dasharray: 6 4; }
.draw path { fill: none; stroke-width: 1.6; stroke-linejoin: round; } .draw .s0 { stroke: var(--c0); } .draw .s1 { stroke: var(--c1); }
.draw .s2 { stroke: var(--c2); } .draw .s3 { stroke: var(--c3); } .draw .roof { stroke: var(--ink); } .draw .memory { stroke: var(--ink); stroke-dasharray: 8 3; }
.draw .band { fill: var(--unsure); } .draw .calm { fill: var(--line); } .draw .region { fill: var(--bar); } .draw .region2 { fill: var(--line); }
.draw .event { stroke: var(--bad); stroke-width: 2; } .draw .alarm { fill: var(--bad); font-weight: 700; }
.draw .dot { fill: var(--page); stroke: var(--c0); stroke-width: 1.5; } .draw .dot.mem { stroke: var(--c1); } .draw .dot.edge { stroke: var(--c2); }
.draw .number { font-size: 9px; } .fall { width: 25rem; max-width: 100%; float: right; margin: 0 0 .3rem 1.2rem; font-size: 11px; }
.fall .kept, .layers .kept { fill: var(--full); } .fall .clock, .layers .clock { fill: var(--unsure); } .fall .issue, .layers .issue { fill: var(--c3); }
.networks td { white-space: nowrap; } .results.networks th:first-child { min-width: 6rem; } .layers { max-width: 900px; } .swatch { width: 1rem; min-width: 0; height: .8rem; vertical-align: middle; margin-right: .3rem; } .layers .roof { stroke-width: 2; }
.paper { display: none; }
@media (max-width: 700px) { .identity { grid-template-columns: max-content minmax(0, 1fr); } .identity .wide { grid-column: 2; }
  .fall { float: none; margin: 0; } .bars .track { min-width: 8rem; } .draw { min-width: 640px; } .fall { min-width: 0; } }
@media print { :root { --ink: #000; --dim: #444; --line: #bbb; --page: #fff; --soft: #f5f7f9; --bar: #cfe3f7; --good: #116329;
    --bad: #b3261e; --unsure: #8a5a00; --plain: #4b5663; --c0: #1f6fb4; --c1: #b4531f; --c2: #3a7d34; --c3: #8a3fa0; --full: #6d9fd1; }
  .certificate:not(:has(#whole:checked)) ~ .more { display: none; } .certificate:has(#whole:checked) .paper { display: none; }
  .paper { display: block; } .screen { display: none; } .certificate h1 { font-size: 1.5rem; }
  .sheet { columns: 2; column-gap: 6mm; font-size: 8.5px; } .sheet.one { columns: 1; } .sheet table { width: 100%; } .sheet td, .sheet th { padding: .1mm 1mm; white-space: nowrap; border-bottom: 1px solid var(--line); }
  .sheet th:first-child { text-align: left; font-weight: 400; overflow: hidden; text-overflow: ellipsis; max-width: 0; width: 99%; }
  .paper .checks td, .paper .checks th { padding: .3mm 1.2mm; } .paper .members { font-size: 7.6px; } .paper p { margin: 1mm 0; }
  .identity dd:not(.wide) { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; } .sheet wbr { display: none; }
  .paper .checks td { white-space: nowrap; } .paper .checks .clamp { white-space: normal; } .certificate h1, .identity .wide, .clamp { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
  .certificate .banner p { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 4; overflow: hidden; }
  .signed { display: flex; gap: 10mm; margin-top: 9mm; } .signed span { flex: 1; border-top: 1px solid var(--ink); padding-top: 1mm; } }
)";

}  // namespace peakproof::reports::html
