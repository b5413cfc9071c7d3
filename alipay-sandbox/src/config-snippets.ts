import { type MerchantFile, merchantEnv } from './merchant-files.ts'

const q = (text: string) => JSON.stringify(text)

/** A merchant that brought its own key knows where that is; the sandbox does not. */
const keyFile = (file: MerchantFile) => q(file.appPrivateKeyFile ?? 'app-private-key.pem')
const javaKeyFile = (file: MerchantFile) => q(file.appPrivateKeyPkcs8File ?? 'app-private-key-pkcs8.txt')

/** For SDKs that differ in how, or whether, they take certificates. */
const certificatePaths = (comment: string, file: MerchantFile) => `${comment} Certificate mode, which transfers need:
${comment}   app certificate     ${file.appCertFile}
${comment}   Alipay certificate  ${file.alipayCertFile}
${comment}   root certificate    ${file.alipayRootCertFile}
${comment}   app_cert_sn          ${file.appCertSn}
${comment}   alipay_root_cert_sn  ${file.alipayRootCertSn}`

/** How each SDK is pointed at a sandbox, ready to paste. Private keys appear as paths only. */
export const CONFIG_SNIPPETS: Readonly<Record<string, (file: MerchantFile) => string>> = {
  env: merchantEnv,
  json: (file) => JSON.stringify(file, null, 2),
  node: (file) => `import { readFileSync } from 'node:fs'
import { AlipaySdk } from 'alipay-sdk'

const sdk = new AlipaySdk({
  appId: ${q(file.appId)},
  privateKey: readFileSync(${keyFile(file)}, 'utf8'),
  alipayPublicKey: ${q(file.alipayPublicKey)},
  gateway: ${q(file.gateway)},
})

// Certificate mode, which transfers need: instead of alipayPublicKey
//   appCertPath: ${q(file.appCertFile)},
//   alipayPublicCertPath: ${q(file.alipayCertFile)},
//   alipayRootCertPath: ${q(file.alipayRootCertFile)},`,
  java: (file) => `AlipayConfig config = new AlipayConfig();
config.setServerUrl(${q(file.gateway)});
config.setAppId(${q(file.appId)});
config.setPrivateKey(Files.readString(Path.of(${javaKeyFile(file)})).trim());
config.setAlipayPublicKey(${q(file.alipayPublicKey)});
config.setSignType("RSA2");
AlipayClient client = new DefaultAlipayClient(config);
// Certificate mode, which transfers need: instead of setAlipayPublicKey
//   config.setAppCertPath(${q(file.appCertFile)});
//   config.setAlipayPublicCertPath(${q(file.alipayCertFile)});
//   config.setRootCertPath(${q(file.alipayRootCertFile)});`,
  php: (file) => `$aop = new AopClient();
$aop->gatewayUrl = ${q(file.gateway)};
$aop->appId = ${q(file.appId)};
$aop->rsaPrivateKeyFilePath = ${keyFile(file)};
$aop->alipayrsaPublicKey = ${q(file.alipayPublicKey)};
$aop->signType = 'RSA2';
// Certificate mode, which transfers need: new AopCertClient() and instead of alipayrsaPublicKey
//   $aop->alipayrsaPublicKey = $aop->getPublicKey(${q(file.alipayCertFile)});
//   $aop->appCertSN = $aop->getCertSN(${q(file.appCertFile)});
//   $aop->alipayRootCertSN = $aop->getRootCertSN(${q(file.alipayRootCertFile)});`,
  python: (file) => `config = AlipayClientConfig()
config.server_url = ${q(file.gateway)}
config.app_id = ${q(file.appId)}
config.app_private_key = open(${keyFile(file)}).read()
config.alipay_public_key = ${q(file.alipayPublicKey)}
client = DefaultAlipayClient(alipay_client_config=config)
${certificatePaths('#', file)}`,
  go: (file) => `key, _ := os.ReadFile(${keyFile(file)})
client, err := alipay.New(${q(file.appId)}, string(key), false, alipay.WithSandboxGateway(${q(file.gateway)}))
err = client.LoadAliPayPublicKey(${q(file.alipayPublicKey)})
// Certificate mode, which transfers need: instead of LoadAliPayPublicKey
//   err = client.LoadAppCertPublicKeyFromFile(${q(file.appCertFile)})
//   err = client.LoadAliPayRootCertFromFile(${q(file.alipayRootCertFile)})
//   err = client.LoadAlipayCertPublicKeyFromFile(${q(file.alipayCertFile)})`,
  ruby: (file) => `client = Alipay::Client.new(
  url: ${q(file.gateway)},
  app_id: ${q(file.appId)},
  app_private_key: File.read(${keyFile(file)}),
  alipay_public_key: File.read(${q(file.alipayPublicKeyFile)})
)
# Certificate mode, which transfers need, has two options more:
#   app_cert_sn: ${q(file.appCertSn)},
#   alipay_root_cert_sn: ${q(file.alipayRootCertSn)}`,
}
