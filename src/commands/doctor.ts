import type { World } from "./world.ts";
export interface DoctorFlags {
  readonly json?: boolean;
  readonly report?: string | boolean;
  readonly model?: string;
  readonly llamaServer?: string;
}
export async function doctor(_flags: DoctorFlags, _world: World): Promise<number> {
  return 0;
}
