/** Ways between the pages. */
export function toLogin(): void {
  uni.navigateTo({ url: '/pages/login/login' })
}

/** To a page above the tabs. */
export function toPage(name: 'profile' | 'devices' | 'delete-account'): void {
  uni.navigateTo({ url: `/pages/${name}/${name}` })
}

export function toTerms(kind: 'terms' | 'privacy'): void {
  uni.navigateTo({ url: `/pages/terms/terms?kind=${kind}` })
}

export function toProduct(id: string): void {
  uni.navigateTo({ url: `/pages/product/product?id=${id}` })
}

export function toTab(name: 'home' | 'orders' | 'me'): void {
  uni.switchTab({ url: `/pages/${name}/${name}` })
}

/** Back to where the person came from; who opened the page directly goes to the shop. */
export function goBack(): void {
  if (getCurrentPages().length > 1) uni.navigateBack()
  else toTab('home')
}
