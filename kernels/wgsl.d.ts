/** A WGSL file imported as text; the bundler and the test runner both load it so. */
declare module '*.wgsl' {
  const code: string;
  export default code;
}
