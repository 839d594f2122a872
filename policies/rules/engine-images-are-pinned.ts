import { complies, violates, type Rule } from "../rule";

export const engineImagesArePinned: Rule = {
  name: "engine-images-are-pinned",
  description:
    "Each release of vLLM takes and refuses other flags, and lays out memory in another way: an engine whose image " +
    "changes by itself is not the one that was planned, and may not start after its node was replaced.",
  enforcementLevel: "advisory",
  severity: "medium",
  remediationSteps: "Name a release, such as vllm/vllm-openai:v0.33.0, or the image's digest.",
  judge: ({ image, containerName }) => {
    if (image === "") return { kind: "unknown", what: "the image" };
    const [path = "", digest] = image.split("@");
    const tag = /:([^/]+)$/.exec(path)?.[1];
    if (digest !== undefined || (tag !== undefined && !MOVING_TAG.test(tag))) return complies;
    const written = tag === undefined ? "no tag" : `the tag ${tag}`;
    return violates(
      `container ${containerName} has the image ${image} with ${written}, which moves; wanted: a release or a digest`,
    );
  },
};

/** Tags that are given to another image with each build. */
const MOVING_TAG = /^(latest|nightly|main|master|dev|edge|stable)(-|$)/;
