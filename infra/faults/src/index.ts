export { checkAll } from './checks/check-all.ts';
export { waitUntilCaughtUp } from './evidence/caught-up.ts';
export { collectEvidence, type Pages } from './evidence/collect.ts';
export type { Injected } from './inject/inject.ts';
export { type Load, startLoad } from './load/load.ts';
export { declareProjections } from './world/declared.ts';
export { type Inspector, openInspector } from './world/inspector.ts';
