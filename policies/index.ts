import { PolicyPack } from "@pulumi/policy";
import { PACK, PACK_NAME } from "./pack";

// Constructing the pack starts its server: this file is for Pulumi, tests import pack.ts or the rules.
void new PolicyPack(PACK_NAME, PACK);
