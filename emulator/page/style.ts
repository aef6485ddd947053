export const pageStyle = `
:root { color-scheme: light dark; --line: light-dark(#d8d8d8, #3a3a3a); --soft: light-dark(#5c5c5c, #a8a8a8); --bad: light-dark(#a40000, #ff8a80); }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 76rem; padding: 1rem; background: light-dark(#fff, #161616); color: light-dark(#222, #ddd); }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .2rem 1rem; }
h1 { font-size: 1.3rem; margin: 0; } h2 { font-size: 1rem; margin: 0; }
time, code, .soft { color: var(--soft); } code { font-size: .75rem; }
dl { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; }
dl div { border: 1px solid var(--line); border-radius: 8px; padding: .3rem .8rem; min-width: 6.5rem; }
dt { color: var(--soft); font-size: .8rem; } dd { margin: 0; font-size: 1.3rem; font-variant-numeric: tabular-nums; }
form { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; position: sticky; top: 0; padding: .5rem 0; background: inherit; }
input, select, button { font: inherit; padding: .35rem .6rem; border: 1px solid var(--line); border-radius: 6px; background: inherit; color: inherit; }
input { flex: 1 1 12rem; min-width: 0; }
:focus-visible { outline: 3px solid light-dark(#1a73e8, #8ab4f8); outline-offset: 2px; }
.tasks { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: 1rem; }
.task { border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
.task div { padding: .6rem .8rem; overflow-wrap: anywhere; } .task p { margin: 0 0 .3rem; }
img { display: block; width: 100%; height: auto; background: var(--line); } progress { width: 100%; }
.failed, .ended { color: var(--bad); }
section { border: 1px solid var(--line); border-radius: 8px; padding: .4rem .8rem; max-height: 14rem; overflow: auto; } section ul { margin: 0; padding-left: 1.2rem; }
`;
