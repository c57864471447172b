import { configMap, secret } from "./podFixture.ts";

const DATA = { "data-1": "value-1", "data-2": "value-2", "data-3": "value-3" };
/** What the Pods of the output tests are given to show. */
export const OBJECTS = [
  configMap("settings", DATA, {
    binaryData: { "dump.bin": Buffer.from([0xde, 0xca, 0xfe, 0xba, 0xd0, 0xfe, 0xff]).toString("base64") },
  }),
  secret("keys", DATA),
  configMap("odd-names", { "1badname": "digits", "good-name": "dash", GOOD: "yes" }),
];
