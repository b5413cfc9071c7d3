import { inject } from 'vitest'
import { standOn } from './world.ts'

standOn(inject('ground'))
