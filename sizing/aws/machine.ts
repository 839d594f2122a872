/** Facts of an EC2 instance type that decide disks and start-up time. */
export interface AwsMachine {
  readonly instanceType: string;
  readonly architecture: "amd64" | "arm64";
  /** All instance-store disks together, decimal GB; 0: none. */
  readonly localNvmeGB: number;
  readonly networkGbps: number;
}
