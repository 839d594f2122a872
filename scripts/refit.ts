/**
 * Refits constants to the measured runs of test/calibration and prints what would change; nothing is written.
 *
 *   npx tsx scripts/refit.ts
 */
import { reportMemoryRefit } from "./refit-memory";

for (const report of [reportMemoryRefit]) console.log(report());
