#pragma once

namespace mobireg {

/// The page's style sheet: light and dark, from 360 pixels up.
inline constexpr const char* kPageStyle = R"css(
:root{color-scheme:light dark;--bg:#fbfbf9;--card:#fff;--line:#e3e2dc;--text:#1d1d1a;--soft:#686861;
--train:#2f6fbd;--validation:#c25e00;--test:#8a3fb0;--warn:#9c3d00;--warn-bg:#fdf0e3;--warn-line:#f0cfa6;
--ok:#1f6b3a;--ok-bg:#e9f5ec;--note-bg:#eef3fa;--note-line:#cfdcee;--grid:#ecebe5}
@media (prefers-color-scheme:dark){:root{--bg:#161614;--card:#1f1f1c;--line:#34342f;--text:#eae9e3;
--soft:#a3a299;--train:#6ba6f0;--validation:#f0994a;--test:#c88be8;--warn:#f5b37a;--warn-bg:#33241a;
--warn-line:#5d4128;--ok:#86d3a0;--ok-bg:#1a2c20;--note-bg:#1d2530;--note-line:#33445a;--grid:#2b2b27}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",
Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
main{max-width:1120px;margin:0 auto;padding:24px 16px 64px}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 4px}
h2{font-size:1.15rem;margin:44px 0 4px}
h3{font-size:.95rem;margin:20px 0 6px}
p{margin:4px 0 12px;max-width:72ch}
.soft,figcaption,.cell small{color:var(--soft)}
.num{font-variant-numeric:tabular-nums}
ul.findings{list-style:none;margin:16px 0 0;padding:0;display:grid;gap:8px}
.findings li{border:1px solid var(--note-line);background:var(--note-bg);border-radius:8px;padding:10px 14px}
.findings li.warning{border-color:var(--warn-line);background:var(--warn-bg)}
.findings li.ok{border-color:transparent;background:var(--ok-bg);color:var(--ok)}
.findings b{display:block}.findings .warning b{color:var(--warn)}
nav{display:flex;flex-wrap:wrap;gap:4px 14px;margin:16px 0 0;font-size:.9rem}
a{color:var(--train)}
table{border-collapse:collapse;width:100%;font-size:.875rem;font-variant-numeric:tabular-nums;
background:var(--card);border:1px solid var(--line);margin:8px 0}
th,td{padding:6px 10px;text-align:right;border-top:1px solid var(--line);vertical-align:top}
th{font-weight:600;color:var(--soft)}
th:first-child,td:first-child,.left{text-align:left}
td.bad{color:var(--warn);font-weight:600}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:12px;margin:8px 0}
figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px 10px 6px}
figcaption{font-size:.875rem}figcaption b{color:var(--text)}
svg{display:block;width:100%;height:auto}
.chart text{font-size:10px;fill:var(--soft)}
.grid{stroke:var(--grid);stroke-width:1;fill:none}.base{stroke:var(--soft);stroke-width:1;fill:none}
.bars{fill:var(--train);opacity:.75}
.outline{fill:none;stroke-width:1.6;stroke-linejoin:round}
.outline.validation,.points.validation{stroke:var(--validation)}
.outline.test,.points.test{stroke:var(--test)}
.points{fill:none;stroke-width:2.4;stroke-linecap:round;opacity:.75}
.shade{fill:var(--train)}.s1{opacity:.22}.s2{opacity:.38}.s3{opacity:.55}.s4{opacity:.75}.s5{opacity:1}
.line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
.marked{stroke:var(--soft);stroke-width:1;stroke-dasharray:3 3;fill:none}
.mark{stroke:#000;stroke-width:.7}
.chart.validation .bars{fill:var(--validation)}.bars.few{opacity:.32}
figure .key{margin:2px 0 0;font-size:.8rem}
.scroll{overflow-x:auto;overflow-wrap:normal}.scroll td:first-child{overflow-wrap:anywhere;min-width:9em}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(136px,1fr));gap:10px;
margin:16px 0}
.facts div{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:8px 12px;
font-size:.82rem;color:var(--soft)}
.facts b{display:block;font-size:1.15rem;color:var(--text);font-variant-numeric:tabular-nums}
.bar{display:flex;height:18px;border-radius:6px;overflow:hidden;margin:8px 0}.bar i{display:block}
.parts td i{display:inline-block;width:12px;height:12px;border-radius:3px;margin-right:8px;vertical-align:-1px}
.p0{background:var(--train)}.p1{background:var(--validation)}.p2{background:var(--test)}
.p3{background:#2d9c6b}.p4{background:var(--soft)}
.parts td:last-child,.parts th:last-child,.fields td,.fields th{text-align:left}
.key{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:.875rem;color:var(--soft);margin:4px 0}
.key i{display:inline-block;width:12px;height:12px;border-radius:3px;margin-right:6px;vertical-align:-1px}
.strip{display:grid;grid-template-columns:repeat(auto-fill,minmax(116px,1fr));gap:10px;margin:8px 0}
.strip.wide{grid-template-columns:repeat(auto-fill,minmax(156px,1fr))}
.ends{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(420px,100%),1fr));gap:0 32px}
.ends .strip{grid-template-columns:repeat(3,minmax(0,1fr))}
.cell{min-width:0;font-size:.78rem;line-height:1.35}
.cell span{white-space:nowrap}
.pic{width:100%;border-radius:6px;background:#000;overflow:hidden}
.pic path{fill:none;stroke-linecap:round}
.halo{stroke:#000;stroke-opacity:.55;stroke-width:4.4}
.ax,.ay,.az{stroke-width:2.6}.ax{stroke:#ff4d4d}.ay{stroke:#35d94f}.az{stroke:#4d9dff}
.halo.truth{stroke-width:3;stroke-opacity:.4}
.ax.truth,.ay.truth,.az.truth{stroke-width:1.5;stroke-dasharray:3.6 3}
.shift{stroke:#fff;stroke-width:.9}.dot.truth{stroke:#fff;stroke-width:1.9}
.ring{stroke:#000;stroke-width:3.6;stroke-opacity:.6}.dot{stroke-width:2.3}
.badge{display:inline-block;border-radius:4px;padding:0 6px;font-size:.72rem;font-weight:600;
border:1px solid currentColor}
.badge.train{color:var(--train)}.badge.validation{color:var(--validation)}.badge.test{color:var(--test)}
.groups{display:grid;grid-template-columns:repeat(auto-fill,minmax(270px,1fr));gap:12px;margin:8px 0}
.group{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px;min-width:0}
.group header{font-size:.82rem;margin-bottom:8px}
.pair{display:grid;grid-template-columns:repeat(auto-fill,minmax(108px,1fr));gap:10px}
.sample{display:grid;grid-template-columns:repeat(6,minmax(0,1fr));gap:10px;padding:10px 0;
border-top:1px solid var(--line)}
.sample>.cell:first-child{box-shadow:5px 0 0 -3px var(--bg),6px 0 0 -4px var(--soft)}
.legend{display:grid;grid-template-columns:150px minmax(0,1fr);gap:16px;align-items:center;
background:var(--card);border:1px solid var(--line);border-radius:8px;padding:12px;margin:8px 0 16px}
.legend ul{margin:0;padding-left:1.1em;font-size:.9rem}.legend li{margin:3px 0}
.legend .pic{background:#3a3a36}
.lx,.ly,.lz{font-weight:600}.lx{color:#d92c2c}.ly{color:#1d8a32}.lz{color:#1f6fd6}
pre,details ul{font-size:.82rem}
pre.code{margin:8px 0;padding:10px 12px;background:var(--card);border:1px solid var(--line);border-radius:8px;
white-space:pre-wrap;overflow-wrap:anywhere}
details{margin:8px 0}summary{cursor:pointer}
ul.lines{margin:8px 0;padding:10px 12px 10px 28px;background:var(--card);border:1px solid var(--line);
border-radius:8px;font-size:.85rem;max-height:none}
code{font-size:.92em;background:var(--grid);padding:0 4px;border-radius:4px}
@media (prefers-color-scheme:dark){.lx{color:#ff6b6b}.ly{color:#4cdb66}.lz{color:#6cb0ff}}
@media (max-width:640px){
.sample{grid-template-columns:repeat(3,minmax(0,1fr))}
.sample>.cell:first-child{box-shadow:none}
.strip{grid-template-columns:repeat(3,minmax(0,1fr))}
.strip.wide{grid-template-columns:repeat(2,minmax(0,1fr))}
.parts td:last-child{grid-column:1/-1}
.fields tr{grid-template-columns:minmax(0,1fr)}.fields td::before{content:none}
.pair{grid-template-columns:repeat(2,minmax(0,1fr))}
.legend{grid-template-columns:minmax(0,1fr)}.legend .pic{max-width:160px}
table,tbody,tr,td{display:block}thead{display:none}table{border:0;background:none}
tr{background:var(--card);border:1px solid var(--line);border-radius:8px;margin:8px 0;padding:6px 0;
display:grid;grid-template-columns:repeat(3,minmax(0,1fr))}
td{border:0;padding:3px 12px;text-align:left}
td:first-child{grid-column:1/-1;font-weight:600}
td::before{content:attr(data-name);display:block;color:var(--soft);font-size:.75rem;font-weight:400}
td:first-child::before{content:none}
}
)css";

}  // namespace mobireg
