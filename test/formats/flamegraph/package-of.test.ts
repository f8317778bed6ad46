import { expect, test } from 'vitest'
import { packageOf } from '../../../src/formats/flamegraph/package-of.js'
import { FrameKind } from '../../../src/model/profile.js'

const CASES: [string, Partial<Parameters<typeof packageOf>[0]>][] = [
  ['express', { file: '/app/node_modules/express/lib/router/index.js' }],
  ['@scope/tool', { file: 'file:///app/node_modules/@scope/tool/x.js' }],
  ['inner', { file: '/app/node_modules/outer/node_modules/inner/x.js' }],
  ['node:internal', { file: 'node:internal/modules/cjs/loader' }],
  ['node:fs', { file: 'node:fs' }],
  ['requests', { file: '/usr/lib/python3/dist-packages/requests/api.py' }],
  ['six', { file: '/venv/lib/python3.11/site-packages/six.py' }],
  ['python', { file: '/usr/lib/python3.11/json/decoder.py' }],
  ['python', { file: '<frozen importlib._bootstrap>' }],
  ['python', { file: '~', name: "<method 'append' of 'list' objects>" }],
  ['github.com/gin-gonic', { file: '/root/go/pkg/mod/github.com/gin-gonic/gin@v1/x.go' }],
  ['app.js', { file: '/srv/app.js', name: 'handler' }],
  ['net/http', { name: 'net/http.(*conn).serve' }],
  ['runtime', { name: 'runtime.mallocgc' }],
  ['github.com/a/b', { name: 'github.com/a/b.Run.func1' }],
  ['java.util', { name: 'java/util/HashMap.get' }],
  ['java.util', { name: 'java.util.HashMap.get' }],
  ['std', { name: 'std::vector<int, std::allocator<int>>::push_back(int&&)' }],
  ['alloc', { name: '<alloc::vec::Vec<T> as core::iter::Extend>::extend' }],
  ['libc.so.1', { name: 'libc.so.1`malloc' }],
  ['libc.so.6', { name: 'malloc', binary: 'libc.so.6' }],
  ['kernel', { name: 'do_syscall_64', binary: 'vmlinux', kind: FrameKind.kernel }],
  ['', { name: 'main' }],
  ['', { name: '(garbage collector)' }],
  ['', { name: 'operator new(unsigned long)' }],
]

test.each(CASES)('%s', (expected, place) => {
  expect(packageOf({ name: 'f', file: '', binary: '', kind: 0, ...place })).toBe(expected)
})
