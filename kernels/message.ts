/** What an error says; a thrown value that is no error, in words. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
