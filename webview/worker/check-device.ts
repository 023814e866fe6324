import type { EngineCheck, EngineInfo } from '../../extension/protocol/engine.js';
import { createGpu } from '../../kernels/gpu/device.js';
import { checkEngine } from '../../models/memmamba/check-engine.js';
import { openBrowserGpu } from '../../models/memmamba/create-engine.js';

/**
 * Looks at the graphics processor from where the engine would use it, runs every kernel on it, and starts
 * the engine.
 */
export async function checkDevice(start: () => Promise<EngineInfo>): Promise<EngineCheck> {
  const open = async () => {
    const { adapter, device, name, software } = await openBrowserGpu();
    return { gpu: createGpu(device), name, software, offers: adapter };
  };
  return { userAgent: navigator.userAgent, ...(await checkEngine(open, start)) };
}
