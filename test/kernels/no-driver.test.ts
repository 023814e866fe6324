import { expect, it } from 'vitest';
import { openNodeAdapter } from '../../kernels/device/node.js';

it('a missing Vulkan driver is an error that says what to install', async () => {
  const { VK_ICD_FILENAMES } = process.env;
  process.env.VK_ICD_FILENAMES = '/nonexistent/driver.json';
  try {
    await expect(openNodeAdapter()).rejects.toThrow(
      /no WebGPU adapter with VK_ICD_FILENAMES=\/nonexistent\/driver\.json.*apt-get install --yes chromium libvulkan1/,
    );
  } finally {
    if (VK_ICD_FILENAMES === undefined) delete process.env.VK_ICD_FILENAMES;
    else process.env.VK_ICD_FILENAMES = VK_ICD_FILENAMES;
  }
});
