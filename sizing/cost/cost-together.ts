import type { CostFigure, CostPlan } from "../serving-plan";
import { figure } from "./cost-line";

/** What several plans cost on one cluster. */
export interface CostTogether {
  readonly floor: CostFigure;
  readonly expected: CostFigure;
  readonly worst: CostFigure;
  /** Of it what the cluster itself costs: control plane, system nodes, NAT. */
  readonly shared: CostFigure;
  /** Of `expected` what each plan adds to the cluster, in their order. */
  readonly added: readonly CostFigure[];
}

/** The sum of the plans' costs, where what stands once for the cluster is counted once. */
export function costTogether(costs: readonly CostPlan[]): CostTogether {
  const ofCluster = costs.map(({ lines }) => sum(lines.map(({ sharedUsdPerHour = 0 }) => sharedUsdPerHour)));
  const once = Math.max(0, ...ofCluster);
  const countedTwice = sum(ofCluster) - once;
  const together = (of: (cost: CostPlan) => CostFigure) =>
    figure(sum(costs.map((cost) => of(cost).usdPerHour)) - countedTwice);
  return {
    floor: together(({ floor }) => floor),
    expected: together(({ expected }) => expected),
    worst: together(({ worst }) => worst),
    shared: figure(once),
    added: costs.map(({ expected }, index) => figure(expected.usdPerHour - (ofCluster[index] ?? 0))),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
