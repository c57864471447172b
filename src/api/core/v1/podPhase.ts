/** Whether a Pod's containers have ended for good: nothing but its deletion comes after these phases. */
export function isTerminal({ status }: { readonly status?: { readonly phase?: string } | undefined }): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}
