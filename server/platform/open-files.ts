import type { Config } from './config.ts'
import { createDiskFiles } from './disk-files.ts'
import type { FileStore } from './file-store.ts'
import { createS3Files } from './s3-files.ts'

/** The store that the configuration names: an S3-like service when one is set, else the folder of uploads. */
export const openFiles = (config: Pick<Config, 'uploadDir' | 's3'>): FileStore =>
  config.s3 ? createS3Files(config.s3) : createDiskFiles(config.uploadDir)
