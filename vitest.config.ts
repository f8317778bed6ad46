import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    // Two workers: the conformance tests hold whole profiles in memory, and the machines that run this are small.
    maxWorkers: 2,
  },
})
