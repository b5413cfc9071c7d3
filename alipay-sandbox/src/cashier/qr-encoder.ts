// The build puts the encoder itself in the place of this module, so that the package needs nothing at run time.
export { encode } from 'uqr'
