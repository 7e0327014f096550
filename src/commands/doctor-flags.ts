/** Flags of `gpt-oss doctor`. */
export interface DoctorFlags {
  readonly json?: boolean;
  /** A path; true for the default one. */
  readonly report?: string | true;
  readonly model?: string;
  readonly llamaServer?: string;
}
