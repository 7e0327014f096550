export const EFFORTS = ["low", "medium", "high"] as const;
/** How long gpt-oss thinks before it answers. */
export type Effort = (typeof EFFORTS)[number];
