import { expect, it } from "vitest";
import { definitionsIn } from "../../tools/cluster/crds";

it("drops the lines of a Helm template around a definition, and what is no definition", () => {
  const file = `{{- if .Values.crds.envoyGateway.enabled }}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: backends.gateway.envoyproxy.io
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: other
{{- end }}
`;
  expect(definitionsIn(file)).toEqual([
    {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "backends.gateway.envoyproxy.io" },
    },
  ]);
});
