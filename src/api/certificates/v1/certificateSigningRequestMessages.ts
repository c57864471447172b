import { bytes, type Infer, int32, list, map, message, string, time } from "../../../apimachinery/schema.ts";

export const CertificateSigningRequestSpec = message(
  "io.k8s.api.certificates.v1.CertificateSigningRequestSpec",
  {
    request: bytes(1).always.required.doc(
      "What is to be signed: a PKCS#10 request in a PEM block of type CERTIFICATE REQUEST.",
    ),
    username: string(2).doc("Who asks; the API server fills it in."),
    uid: string(3).doc("The UID of who asks; the API server fills it in."),
    groups: list(4, "string").atomicList.doc("The groups of who asks; the API server fills them in."),
    usages: list(5, "string")
      .named("KeyUsage")
      .atomicList.doc(
        'What the certificate shall be good for. A client wants "digital signature", "key encipherment" (with an RSA key) and "client auth"; a server wants "server auth" instead of the last.',
      ),
    extra: map(6, "stringList")
      .named("ExtraValue")
      .doc("Whatever else authentication knows of who asks; the API server fills it in."),
    signerName: string(7).always.required.doc(
      "Who shall sign, as domain/path. Those of kubernetes.io are part of every cluster: kube-apiserver-client, kube-apiserver-client-kubelet and kubelet-serving.",
    ),
    expirationSeconds: int32(8).optional.doc(
      "How long the certificate shall be good, at least 600. The signer may give less, and looks at its own limit.",
    ),
  },
  { doc: "What is asked for, and by whom. It cannot be changed." },
);
export interface CertificateSigningRequestSpec extends Infer<typeof CertificateSigningRequestSpec> {}

export const CertificateSigningRequestCondition = message(
  "io.k8s.api.certificates.v1.CertificateSigningRequestCondition",
  {
    type: string(1)
      .named("RequestConditionType")
      .always.required.doc(
        "Approved and Denied are written through /approval and exclude each other; Failed is written by the signer through /status. None of them can be taken back.",
      ),
    reason: string(2).doc("Why, in one word."),
    message: string(3).doc("Why, for people."),
    lastUpdateTime: time(4).optional.doc("When the condition was last written."),
    lastTransitionTime: time(5).optional.doc("When its status last changed; the API server fills it in."),
    status: string(6)
      .named("ConditionStatus")
      .always.required.doc("True, False or Unknown; Approved, Denied and Failed can only be True."),
  },
  { doc: "One thing that was decided about a request." },
);
export interface CertificateSigningRequestCondition extends Infer<typeof CertificateSigningRequestCondition> {}

export const CertificateSigningRequestStatus = message(
  "io.k8s.api.certificates.v1.CertificateSigningRequestStatus",
  {
    conditions: list(1, CertificateSigningRequestCondition)
      .listMap("type")
      .doc("What was decided: Approved, Denied or Failed, and whatever else a signer has to say."),
    certificate: bytes(2).doc(
      "The certificate, in one or more PEM blocks of type CERTIFICATE; those after the first are its authorities. Once written it stays.",
    ),
  },
  { doc: "What became of a request." },
);
export interface CertificateSigningRequestStatus extends Infer<typeof CertificateSigningRequestStatus> {}
