/**
 * The conformance kit, published as `profconv/testing`: one list of checks for any format and its fixtures. Every format of
 * profconv passes it; run it on yours, with any test runner:
 *
 *   import { conformanceChecks } from 'profconv/testing'
 *   for (const check of conformanceChecks(myFormat, fixtures)) test(check.name, check.run)
 *
 * A check is an async function that throws when it fails. What is checked, and why, is in testing/checks.ts.
 */
export { canonical, canonicalText } from './testing/canonical.js'
export { type Check, type ConformanceOptions, conformanceChecks, type Fixture } from './testing/checks.js'
export { fidelityProblems, orderProblem, roundTripProblem, unneededProblems } from './testing/fidelity.js'
export { failureText, GOLDEN_LIMIT, goldenText } from './testing/golden.js'
export { bitFlips, truncations } from './testing/hostile.js'
