# The command palette, and what is told of keys. ترجمة آلية لم تُراجَع بعد.

palette-title = لوحة الأوامر
palette-field = ابحث عن إجراء أو مكان أو شخص
palette-list = النتائج
palette-as = التبديل إلى { $name }
palette-place = مكان
palette-persona = شخصية
palette-person = شخص
palette-chat = محادثة
palette-none = لا شيء هنا بهذا الاسم.
palette-found = { $count ->
    [zero] لا نتائج
    [one] نتيجة واحدة
    [two] نتيجتان
    [few] { $count } نتائج
    [many] { $count } نتيجة
   *[other] { $count } نتيجة
}

keys-palette = فتح لوحة الأوامر
keys-are-off = المفاتيح المفردة متوقفة على هذا الجهاز. يمكن تشغيلها من الإعدادات.
keys-mac = على أجهزة ماك يقوم Cmd مقام Ctrl.

settings-single-keys-told = هذا الجهاز وحده يتذكر ذلك. المفاتيح مع Ctrl و Esc والأسهم و Enter و Tab و ؟ تعمل دائمًا.
