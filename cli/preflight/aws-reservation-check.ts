import type { AwsClusterPlan } from "../../sizing/aws/cluster-plan";
import type { FeasiblePlan } from "../../sizing/serving-plan";
import { gpuZonesOf } from "./aws-network-checks";
import { check, field, list, number, text, type Ask, type Check } from "./checks";

/** EKS takes the nodes of a block away so long before its end. Source: EKS User Guide, ml/capacity-blocks-mng. */
const SCALED_DOWN_MINUTES_BEFORE_END = 40;

/** Makes everything but what waits for the block's machines, of one model or of several; a plain `pulumi up` completes it. */
const UP_WITHOUT_GPU_NODES = "pulumi up --exclude '**gpu-nodes' --exclude-dependents";

/** Whether capacity that is paid for is there for the plan, and from when until when. */
export function reservationCheck(plan: FeasiblePlan, cluster: AwsClusterPlan, id: string, ask: Ask): Promise<Check> {
  const { instanceType, nodes } = plan.hardware;
  return check("capacity reservation", async () => {
    const answer = await ask("ec2 describe-capacity-reservations", {
      region: cluster.region,
      "capacity-reservation-ids": id,
    });
    const [found] = list(answer, "CapacityReservations");
    const [state, type, zone] = [text(found, "State"), text(found, "InstanceType"), text(found, "AvailabilityZoneId")];
    const waits = state === "scheduled" || state === "assessing";
    // What is not there yet has nothing free.
    const free = number(found, waits ? "TotalInstanceCount" : "AvailableInstanceCount");
    const faults = [
      ...(waits ? [notBegun(found, state)] : state === "active" ? [] : [`is ${state}`]),
      ...kindFaults(found, cluster),
      ...(type === instanceType ? [] : [`is for ${type}, the plan wants ${instanceType}`]),
      ...(await zoneFaults(cluster, zone, ask)),
      ...(free >= nodes ? [] : [`has ${free} ${waits ? "in all" : "free"}, the plan wants ${nodes}`]),
    ];
    return faults.length === 0
      ? { status: "ok", detail: `${id} has ${free} free of ${type} in ${zone}${untilText(found, cluster)}` }
      : { status: "fails", detail: `${id} ${faults.join("; ")}` };
  });
}

/** Machines that ask for it in another zone do not start. */
async function zoneFaults(cluster: AwsClusterPlan, zone: string, ask: Ask): Promise<string[]> {
  const { network, gpuPool } = cluster;
  if (network.kind === "own") {
    const pinned = gpuPool.zone;
    return pinned === undefined || zone === pinned ? [] : [`is in ${zone}, fitserve:aws.gpu.zone is ${pinned}`];
  }
  const zones = await gpuZonesOf(cluster, network, ask);
  return zones.every((one) => one === zone)
    ? []
    : [`is in ${zone}, network.gpuSubnetIds are in ${zones.join(", ")}; name a subnet there alone`];
}

/** A node group that wants nodes of it before fails to start them, and the engine waits in vain. */
function notBegun(reservation: unknown, state: string): string {
  const [begins, ends] = [dateOf(reservation, "StartDate"), dateOf(reservation, "EndDate")];
  const when =
    begins === undefined ? `is ${state}` : `begins ${begins}${ends === undefined ? "" : ` and ends ${ends}`}`;
  return `${when}: before that no node starts. Run pulumi up then; everything else can be made now: ${UP_WITHOUT_GPU_NODES}`;
}

/** Both kinds have ids of one form, but a node group asks for them in different words. */
function kindFaults(reservation: unknown, { gpuPool }: AwsClusterPlan): string[] {
  const isBlock = field(reservation, "ReservationType") === "capacity-block";
  const asked = gpuPool.capacity === "CAPACITY_BLOCK";
  if (field(reservation, "ReservationType") === undefined || isBlock === asked) return [];
  return [
    `is ${isBlock ? "a capacity block" : "no capacity block"}; set gpu.reservation.kind to ${isBlock ? "block" : "on-demand"}`,
  ];
}

function untilText(reservation: unknown, { gpuPool }: AwsClusterPlan): string {
  const ends = dateOf(reservation, "EndDate");
  if (ends === undefined) return "";
  return gpuPool.capacity === "CAPACITY_BLOCK"
    ? ` until ${ends}; EKS takes its nodes away ${SCALED_DOWN_MINUTES_BEFORE_END} minutes before`
    : ` until ${ends}`;
}

/** Such as "2026-12-01 11:30 UTC"; undefined where the answer has no time. */
function dateOf(reservation: unknown, key: string): string | undefined {
  const value = field(reservation, key);
  const time = typeof value === "string" ? new Date(value) : undefined;
  return time === undefined || Number.isNaN(time.getTime())
    ? undefined
    : `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
