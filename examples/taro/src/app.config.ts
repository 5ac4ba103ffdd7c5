export default defineAppConfig({
  pages: ['pages/home/index', 'pages/me/index', 'pages/login/index'],
  window: { navigationBarBackgroundColor: '#ffffff', navigationBarTextStyle: 'black', backgroundColor: '#f5f4f1' },
  tabBar: {
    color: '#8a857c',
    selectedColor: '#b4532a',
    list: [
      { pagePath: 'pages/home/index', text: '首页' },
      { pagePath: 'pages/me/index', text: '我的' },
    ],
  },
  __usePrivacyCheck__: true,
})
